namespace VmDataset.ControlPlane.Datasets;

/// <summary>Tells one state of a job's data from another, by what its objects' names and times and its log tell.</summary>
internal static class DatasetIdentity
{
    /// <summary>Changes with every manifest that is written or written anew, and with every event.</summary>
    public static string Of(JobProgress read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{read.Control.Events.Count}\n");
        foreach (var done in read.Done) Add(hash, $"{done.Generator}/{done.Range.ToKey()} {done.At.UtcTicks}\n");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, FormattableString line) =>
        hash.AppendData(Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture)));
}
