using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli;

/// <summary>The terminal program of the API.</summary>
internal static class Program
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    private static readonly InvocationConfiguration Invocation =
        new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    public static async Task<int> Main(string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            return await RunAsync(args, interruption.Token);
        }
        catch (UsageException exception)
        {
            Screen.Error(exception.Message);
            Screen.Say("See vmds --help.");
            return (int)ExitCode.WrongUse;
        }
        catch (ApiException exception)
        {
            Screen.Error(exception.Message);
            return (int)(exception.Status is null ? ExitCode.Unreachable : ExitCode.Failed);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
    }

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        var parsed = CommandTree.Root().Parse(args, Parsing);
        if (parsed.Action is not System.CommandLine.Invocation.ParseErrorAction) return await parsed.InvokeAsync(Invocation, cancellation);
        throw new UsageException(string.Join('\n', ParseErrors.Of(parsed)));
    }
}
