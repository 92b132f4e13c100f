using System.Diagnostics;
using VmDataset.Bench.Planning;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

// Plans "2 million samples of the eight built-in generators". With a folder of measurements (DATA_DIR/store/measurements of a server that
// has drawn them) it reckons with those, else with the average generator.
var measured = args is [var folder] ? Measurements.Read(folder) : Measurements.Average();
var job = new PlannedJob
{
    Generators = measured,
    Samples = 250_000,
    BatchSize = 1_000,
    OutputFormat = OutputFormat.Files,
};
var shards = job with { OutputFormat = OutputFormat.WebDataset };
var stack = new Fleet();
var former = stack with { MemoryMb = 1_024, MaximumConcurrency = 1_000, MaxReceives = 3, HaltCheckSeconds = 1 };
var pollers = stack with { ScalingMode = ScalingMode.ProvisionedPollers, MinimumPollers = 90, MaximumPollers = 90 };
var wide = pollers with { MemoryMb = 2 * Fleet.MbPerCpu };

foreach (var (name, calibration, _) in measured)
    Console.WriteLine($"{name}: {calibration.MeanSeconds:0.000} s a sample, {calibration.CpuShare ?? 1:0.00} of a vCPU, {calibration.BytesPerSample / 1e3:0} kB");
Console.WriteLine();
Console.WriteLine("| settings | seconds: likely (low to high) | dollars: likely (low to high) | seconds a message |");
Console.WriteLine("| --- | --- | --- | --- |");
Print("former defaults: 1,024 MB, a LIST a second, `files`, batches of 1,000", job, former);
Print("the same, `webdataset`", shards, former);
Print("the stack's defaults: 1,769 MB, 900 at once, `files`, batches of 1,000", job, stack);
Print("the same, `webdataset`, batches of 200", shards with { BatchSize = 200 }, stack);
Print("recommended: the same with 90 provisioned pollers", shards with { BatchSize = 200 }, pollers);
Print("the same, 3,538 MB", shards with { BatchSize = 200 }, wide);
Console.WriteLine();

// The original: 2,000,000 samples of 2 s at 1 GB, 1,000 at once, in 4 minutes for $35.
var twoSeconds = GeneratorCalibration.Default with
{
    Basis = PlanBasis.Measured,
    MedianSeconds = 2,
    Spread = 0,
    CpuShare = 1024.0 / Fleet.MbPerCpu,
};
var original = shards with { BatchSize = 200, Generators = [.. measured.Select(each => each with { Calibration = twoSeconds })] };
Print("the original's 2 s a sample at 1,024 MB, `webdataset`", original, former);
var seconds = 240 * 1_000 / 2e6;
Console.WriteLine($"4 minutes at 1,000 at once are {seconds:0.00} s a sample with its share of the message: {seconds * 1024 / Fleet.MbPerCpu:0.000} vCPU seconds at 1,024 MB.");
Console.WriteLine($"$35 of compute are {35 / PriceList.Current.For("us-east-1").LambdaX86GbSecond / 2e6:0.00} GB-seconds a sample.");

void Print(string title, PlannedJob planned, Fleet fleet)
{
    var start = Stopwatch.GetTimestamp();
    var plan = JobPlanner.Plan(planned, fleet, PriceList.Current, "us-east-1", new SimulationOptions { MaxEvents = int.MaxValue });
    Console.WriteLine($"| {title} | {plan.Seconds.Likely:0} ({plan.Seconds.Low:0} to {plan.Seconds.High:0}) | {plan.Usd.Likely:0.0} ({plan.Usd.Low:0.0} to {plan.Usd.High:0.0}) | {plan.SecondsPerMessage:0} |");
    foreach (var warning in plan.Warnings) Console.Error.WriteLine($"  {warning.Code}: {warning.Message}");
    Console.Error.WriteLine($"  three runs of {planned.TotalSamples:N0} samples, one by one: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
}
