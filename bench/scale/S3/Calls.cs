using System.Globalization;

namespace VmDataset.Bench.Scale.S3;

/// <summary>Calls that a fake has answered.</summary>
/// <param name="Lists">ListObjectsV2.</param>
/// <param name="Reads">GET and HEAD of an object.</param>
/// <param name="Writes">PUT, DELETE and the calls of multipart uploads.</param>
internal readonly record struct Calls(long Lists, long Reads, long Writes)
{
    public static Calls operator -(Calls now, Calls before) =>
        new(now.Lists - before.Lists, now.Reads - before.Reads, now.Writes - before.Writes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lists:N0} | {Reads:N0} | {Writes:N0}");
}
