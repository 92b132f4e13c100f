namespace VmDataset.Bench.Scale.Datasets;

/// <summary>What one message took of a function.</summary>
/// <param name="Part">The part of the dataset that was written.</param>
/// <param name="Seconds">From the event to the answer.</param>
/// <param name="Memory">MB: the most that the worker's process held meanwhile, by the kernel's count.</param>
/// <param name="Scratch">MB: the most that lay in its temporary folder, looked at ten times a second.</param>
internal sealed record FunctionUse(string Part, double Seconds, long Memory, long Scratch);
