namespace VmDataset.Pipeline.Planning;

/// <summary>A message on the simulated queue.</summary>
/// <param name="Work">The index of its generator's part.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Attempt">1 to 3.</param>
/// <param name="Receives">Deliveries so far.</param>
internal readonly record struct SimulatedMessage(int Work, int Samples, int Attempt = 1, int Receives = 0);
