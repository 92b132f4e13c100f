using System.Net;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class LocalFleetTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task The_fleet_shows_the_embedded_workers_lanes()
    {
        await using var local = new EngineApi(new Dictionary<string, string> { ["Lanes"] = "3" });

        var fleet = await local.GetAsync("/v1/fleet");

        var worker = fleet.GetProperty("worker");
        worker.GetProperty("lanes").GetInt32().ShouldBe(3);
        worker.GetProperty("busy").GetInt32().ShouldBe(0);
        worker.GetProperty("live").GetInt32().ShouldBe(0);
        worker.GetProperty("max_live").GetInt32().ShouldBeGreaterThanOrEqualTo(6);
        fleet.GetProperty("engine").GetString().ShouldBe("local");
        fleet.TryGetProperty("function", out _).ShouldBeFalse();
        fleet.TryGetProperty("window", out _).ShouldBeFalse();
        fleet.GetProperty("queue").GetRawText().ShouldBe("""{"queued":0,"in_flight":0,"dead":0}""");
    }

    [Fact]
    public async Task The_fleet_shows_the_queue_and_the_age_of_the_oldest_waiting_message()
    {
        await using var other = Api.Empty();
        await other.Queue.SendAsync([new OutgoingMessage("in work", "job"), new OutgoingMessage("first", "job")], TestContext.Current.CancellationToken);
        await other.Queue.ReceiveAsync(1, TimeSpan.FromHours(1), TimeSpan.Zero, TestContext.Current.CancellationToken);
        other.Time.Shift = TimeSpan.FromMinutes(10);
        await other.Queue.SendAsync([new OutgoingMessage("second", "job")], TestContext.Current.CancellationToken);

        var fleet = await other.GetAsync("/v1/fleet?minutes=60");

        var queue = fleet.GetProperty("queue");
        queue.GetProperty("queued").GetInt64().ShouldBe(2);
        queue.GetProperty("in_flight").GetInt64().ShouldBe(1);
        queue.GetProperty("oldest_age_seconds").GetDouble().ShouldBeInRange(600, 700);
        fleet.TryGetProperty("worker", out _).ShouldBeFalse();
        fleet.GetProperty("notes").GetRawText().ShouldContain("EMBEDDED_WORKER is false");
    }

    [Theory]
    [InlineData("minutes=0")]
    [InlineData("minutes=1441")]
    [InlineData("minutes=")]
    [InlineData("minutes=1.5")]
    [InlineData("minutes=-5")]
    public async Task Minutes_out_of_range_are_refused(string query)
    {
        var problem = await api.GetAsync($"/v1/fleet?{query}", HttpStatusCode.BadRequest);

        problem.ErrorOf("minutes")
            .ShouldBe($"minutes is '{query["minutes=".Length..]}'; allowed: an integer from 1 to 1440.");
    }

    [Fact]
    public async Task Other_parameters_are_refused() =>
        (await api.GetAsync("/v1/fleet?hours=1", HttpStatusCode.BadRequest)).ErrorOf("hours")
            .ShouldBe("hours is not a query parameter here; allowed: minutes.");

    [Theory]
    [InlineData(1, 60, 1)]
    [InlineData(15, 60, 15)]
    [InlineData(60, 60, 60)]
    [InlineData(61, 120, 31)]
    [InlineData(1440, 1440, 60)]
    public void A_window_has_sixty_periods_at_most_and_ends_with_the_current_one(int minutes, int period, int periods)
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        var window = SeriesWindow.Of(minutes, now);

        window.PeriodSeconds.ShouldBe(period);
        (window.Until - window.From).ShouldBe(TimeSpan.FromSeconds(period * periods));
        (window.Until - now).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(period));
        (window.From.ToUnixTimeSeconds() % 60).ShouldBe(0);
    }
}
