namespace VmDataset.ControlPlane.Http;

/// <summary>How long a request may work or wait before it answers; the next request continues with the rest.</summary>
internal static class RequestBudget
{
    /// <summary>With the last step it stays below the 29 s of API Gateway, the shortest limit that the API is made for. Some 200,000
    /// messages are sent within it.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(20);
}
