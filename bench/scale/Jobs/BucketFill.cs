using VmDataset.Bench.Scale.S3;

namespace VmDataset.Bench.Scale.Jobs;

internal sealed class BucketFill(Bucket bucket) : IStoreFill
{
    public void Add(FabricatedObject added, DateTimeOffset at) => bucket.Put(added.At(at));

    public void AddAll(IEnumerable<FabricatedObject> added, DateTimeOffset at)
    {
        foreach (var each in added) Add(each, at);
    }

    public void Remove(string key) => bucket.Delete(key);

    public bool HasAny(string prefix) => bucket.List(prefix, null, 1).Page.Count > 0;
}
