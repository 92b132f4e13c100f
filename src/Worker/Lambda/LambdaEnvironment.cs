namespace VmDataset.Worker.Lambda;

/// <summary>What Lambda tells a function of itself.</summary>
/// <param name="MemoryMb">The function's memory in MB.</param>
/// <param name="LogStream">The log stream of this instance of it; null without one.</param>
internal sealed record LambdaEnvironment(
    [property: WholeNumber(128, 10_240, Name = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")] int MemoryMb = LambdaEnvironment.MbPerCpu,
    [property: Setting(Name = "AWS_LAMBDA_LOG_STREAM_NAME")] string? LogStream = null)
{
    // Lambda gives one vCPU per 1,769 MB (Lambda developer guide, "Configure Lambda function memory").
    private const int MbPerCpu = 1_769;
    // This process, the generator host and what the kernel counts with them, before any sample.
    private const int OwnMb = 300;

    /// <summary>A part of a processor is worth a lane of its own: the last lane uses what the others leave.</summary>
    public int Lanes => (MemoryMb + MbPerCpu - 1) / MbPerCpu;

    public int LaneMemoryMb => Math.Max(64, (MemoryMb - OwnMb) / Lanes);
}
