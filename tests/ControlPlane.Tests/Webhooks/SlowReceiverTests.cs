namespace VmDataset.ControlPlane.Tests.Webhooks;

public sealed class SlowReceiverTests
{
    [Fact]
    public async Task A_slow_receiver_holds_up_itself_alone_and_not_for_long()
    {
        await using var api = Hooked.Start();
        var end = new TaskCompletionSource();
        await using var slow = new Receiver((_, _) => end.Task);
        await using var quick = new Receiver();
        var slowJob = await api.EndHookedAsync(slow.Url);
        await Eventually.BeTrueAsync(() => Task.FromResult(slow.Messages.Count == 1));

        await api.UntilAsync(await api.EndHookedAsync(quick.Url), "delivered");
        Hooked.Attempts(await api.WebhookAsync(slowJob))[0].TryGetProperty("milliseconds", out _).ShouldBeFalse();

        var view = await api.UntilAttemptsAsync(slowJob, 1);
        var attempt = Hooked.Attempts(view)[0];
        attempt.GetProperty("error").GetString().ShouldBe("No answer came within 15 s.");
        attempt.GetProperty("milliseconds").GetInt64().ShouldBeInRange(14_900, 25_000);
        end.SetResult();
    }

    [Fact]
    public async Task A_slow_receiver_does_not_hold_up_the_end_of_the_process()
    {
        var api = Hooked.Start();
        var end = new TaskCompletionSource();
        await using var slow = new Receiver((_, _) => end.Task);
        var job = await api.EndHookedAsync(slow.Url);
        await Eventually.BeTrueAsync(() => Task.FromResult(slow.Messages.Count == 1));

        await api.RestartAsync();

        var view = await api.WebhookAsync(job);
        Hooked.Attempts(view)[0].GetProperty("error").GetString().ShouldBe("This server stopped before an answer came.");
        end.SetResult();
        await api.DisposeAsync();
    }
}
