namespace VmDataset.Cli.CommandLine;

/// <summary>What the program's end tells a script. The help has the same table.</summary>
internal enum ExitCode
{
    Done = 0,
    Failed = 1,
    WrongUse = 2,
    Unreachable = 3,
    Interrupted = 130,
}
