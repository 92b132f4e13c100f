using System.Text.RegularExpressions;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests;

/// <summary>Refuses what a worker on AWS may not write or delete by its policy in <c>infra/template.yaml</c>, so that every test of a worker
/// is one of its rights too.</summary>
internal sealed partial class WorkerRightsStore(IObjectStore inner) : ForwardingStore(inner)
{
    private static readonly IReadOnlyList<Regex> Writable = Resources("Write"), Removable = Resources("Remove");

    public override Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        May(Writable, key) ? base.PutAsync(key, content, ifAbsent, cancellationToken) : throw Refusal("write", key);

    public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        May(Writable, key) ? base.PutFileAsync(key, path, cancellationToken) : throw Refusal("write", key);

    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        May(Removable, key) ? base.DeleteAsync(key, cancellationToken) : throw Refusal("delete", key);

    public override Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        keys.FirstOrDefault(static key => !May(Removable, key)) is { } key ? throw Refusal("delete", key) : base.DeleteManyAsync(keys, cancellationToken);

    private static bool May(IReadOnlyList<Regex> resources, string key) => resources.Any(each => each.IsMatch(key));

    private static UnauthorizedAccessException Refusal(string what, string key) => new($"A worker on AWS may not {what} '{key}'.");

    /// <summary>The keys of a statement of the policy, as patterns.</summary>
    private static List<Regex> Resources(string sid)
    {
        var template = File.ReadAllText(Path.Combine(WorkerHarness.Repository, "infra", "template.yaml"));
        var policy = template[template.IndexOf("  WorkerPolicy:", StringComparison.Ordinal)..template.IndexOf("  ApiPolicy:", StringComparison.Ordinal)];
        var statement = policy.Split("- Sid: ").Single(each => each.StartsWith(sid + "\n", StringComparison.Ordinal));
        List<Regex> resources = [.. Resource().Matches(statement)
            .Select(static match => new Regex($"^{Regex.Escape(match.Groups[1].Value).Replace("\\*", ".*", StringComparison.Ordinal)}$"))];
        resources.ShouldNotBeEmpty();
        return resources;
    }

    [GeneratedRegex(@"\$\{BucketName\}/(.+)'")]
    private static partial Regex Resource();
}
