namespace VmDataset.Bench.Scale.Jobs;

/// <summary>A store that the API will read, filled from outside.</summary>
internal interface IStoreFill
{
    /// <summary>Adds an object as a worker would: all of it or nothing is seen.</summary>
    void Add(FabricatedObject added, DateTimeOffset at);

    /// <summary>Adds objects that nobody looks for yet.</summary>
    void AddAll(IEnumerable<FabricatedObject> added, DateTimeOffset at);

    void Remove(string key);

    /// <param name="prefix">Ends with '/'.</param>
    bool HasAny(string prefix);
}
