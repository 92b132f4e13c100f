using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Operations.DeadLetters;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.ControlPlane.Operations.Health;
using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Console.Operations;

/// <summary>Reads health, workers, dead letters and keys, each by itself: one that is out of reach leaves the others.</summary>
internal sealed class OperationsReader(
    Readiness readiness, FleetReader fleet, DeadLetterService deadLetters, KeyStore keys, TimeProvider time)
{
    private const int Minutes = 15;
    private const int MaxDeadLetters = 50;
    private const int MaxKeys = 100;

    public async Task<OperationsModel> ReadAsync(Caller caller, string? jobId, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        var health = HealthEndpoints.Describe(await readiness.ReadAsync(cancellationToken));
        FleetView? workers = null;
        try
        {
            workers = await fleet.ReadAsync(Minutes, cancellationToken);
        }
        catch (CloudWatchException exception)
        {
            problems.Add(FleetEndpoints.Refusal(exception) + ".");
        }

        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var dead = await deadLetters.ListAsync(jobId, MaxDeadLetters, pause.Token, cancellationToken);
        return new OperationsModel
        {
            Health = health,
            Fleet = workers,
            Problems = problems,
            DeadLetters = [.. dead.Select(each => DeadLetterView.Of(each, time.GetUtcNow()))],
            JobId = jobId,
            Keys = caller.Role >= Role.Admin ? await KeysAsync(cancellationToken) : null,
        };
    }

    private async Task<IReadOnlyList<KeyView>> KeysAsync(CancellationToken cancellationToken)
    {
        var (found, _) = await keys.ListAsync(MaxKeys, null, cancellationToken);
        return [.. found.Select(static key => KeyView.Of(key.Id, key.Record))];
    }
}
