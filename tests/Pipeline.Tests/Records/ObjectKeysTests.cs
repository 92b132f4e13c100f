using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Records;

/// <summary>Keys are a contract with everybody who has data: they do not change by accident.</summary>
public class ObjectKeysTests
{
    private static readonly SampleRange Range = new(100, 50);

    [Theory]
    [InlineData("key:4be1c09a7d52")]
    [InlineData("jwt:../../jobs")]
    [InlineData("jwt:a b/\0ü")]
    public void An_owner_of_any_name_has_keys_for_its_open_jobs(string owner)
    {
        var key = ObjectKeys.Open(owner, 10_000_000_000, "20261123-130501-9f3c2a7b");

        ObjectKey.Check(key).ShouldStartWith(ObjectKeys.OpenPrefix(owner));
        key.ShouldMatch("^open/[0-9a-f]{32}/10000000000-20261123-130501-9f3c2a7b$");
        ObjectKeys.TryParseOpen(key, out var samples, out var jobId).ShouldBeTrue();
        (samples, jobId).ShouldBe((10_000_000_000, "20261123-130501-9f3c2a7b"));
        ObjectKeys.OpenPrefix(owner + "x").ShouldNotBe(ObjectKeys.OpenPrefix(owner));
    }

    [Fact]
    public void Keys_are_as_documented()
    {
        ObjectKeys.Job("j").ShouldBe("jobs/j/job.json");
        ObjectKeys.Sent("j", 3, 20_000).ShouldBe("jobs/j/sent/000003-00020000");
        ObjectKeys.Done("j", "g", Range).ShouldBe("jobs/j/done/g/00000100-50.json");
        ObjectKeys.Failed("j", "g", Range).ShouldBe("jobs/j/failed/g/00000100-50.json");
        ObjectKeys.Dead("j", 3, "g", Range).ShouldBe("jobs/j/dead/000003/g/00000100-50.json");
        ObjectKeys.SampleFile("j", "g", "chess", 7, "prompt.txt").ShouldBe("jobs/j/data/g/chess_task/chess_00000007/prompt.txt");
        ObjectKeys.ShardMember("chess", 7, "prompt.txt").ShouldBe("chess_00000007.prompt.txt");
        ObjectKeys.ShardMember("a.b", 7, "frames/1.png").ShouldBe("a_b_00000007.frames.1.png");
        ObjectKeys.Before(ObjectKeys.DonePrefix("j", "g"), 100).ShouldBe("jobs/j/done/g/00000100");
        ObjectKeys.Shard("j", "g", new SampleRange(100, 25)).ShouldBe("jobs/j/data/g/g-00000100-25.tar");
    }

    [Fact]
    public void Keys_are_read_back()
    {
        ObjectKeys.TryParseRange(ObjectKeys.Done("j", "g", Range), out var generator, out var range).ShouldBeTrue();
        (generator, range).ShouldBe(("g", Range));
        ObjectKeys.TryParseSent(ObjectKeys.Sent("j", 3, 12), out var generation, out var batches).ShouldBeTrue();
        (generation, batches).ShouldBe((3, 12));
        ObjectKeys.TryParseSent("jobs/j/sent/00000012", out _, out _).ShouldBeFalse();
        ObjectKeys.GenerationOfDead("j", ObjectKeys.Dead("j", 3, "g", Range)).ShouldBe(3);
        ObjectKeys.TryParseSubmitted(ObjectKeys.Submitted(DateTimeOffset.UtcNow, "my-job"), out var jobId).ShouldBeTrue();
        jobId.ShouldBe("my-job");
        ObjectKeys.TryParsePending(ObjectKeys.Pending("my-job"), ObjectKeys.PendingPrefix, out jobId).ShouldBeTrue();
        jobId.ShouldBe("my-job");
        ObjectKeys.TryParseControl(ObjectKeys.Control("j", 12), "j", out var number).ShouldBeTrue();
        number.ShouldBe(12);
        ObjectKeys.TryParseKey(ObjectKeys.Key("4be1c09a7d52"), out var keyId).ShouldBeTrue();
        keyId.ShouldBe("4be1c09a7d52");
        ObjectKeys.TryParseWebhook("j", ObjectKeys.WebhookClaim("j", "j_job_ended", 3), out var eventId).ShouldBeTrue();
        eventId.ShouldBe("j_job_ended");
        ObjectKeys.TryParseUnreadable(new ObjectEntry(ObjectKeys.Unreadable(ObjectKeys.Done("j", "g", Range)), 20, default), out generator, out range).ShouldBeTrue();
        (generator, range).ShouldBe(("g", Range));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".DS_Store")]
    [InlineData("Thumbs.db")]
    [InlineData("notes.json")]
    [InlineData("000001.json~")]
    [InlineData("a/b")]
    [InlineData("00000000-10.json")]
    [InlineData("-1-")]
    public void Names_that_others_gave_are_none_of_ours(string name)
    {
        ObjectKeys.TryParseSubmitted(ObjectKeys.SubmittedPrefix + name, out _).ShouldBeFalse();
        ObjectKeys.TryParseControl(ObjectKeys.ControlPrefix("j") + name, "j", out _).ShouldBeFalse();
        ObjectKeys.TryParseOpen(ObjectKeys.OpenPrefix("me") + name, out _, out _).ShouldBeFalse();
        ObjectKeys.TryParseWebhook("j", ObjectKeys.WebhookPrefix("j") + name, out _).ShouldBeFalse();
        ObjectKeys.TryParseSent(ObjectKeys.SentPrefix("j") + name, out _, out _).ShouldBeFalse();
        ObjectKeys.GenerationOfDead("j", ObjectKeys.DeadPrefix("j") + name).ShouldBe(0);
        if (name is "" or ".DS_Store" or "Thumbs.db" or "a/b") ObjectKeys.TryParseRange(ObjectKeys.DonePrefix("j", "g") + name, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Every_object_except_data_and_probes_is_a_record()
    {
        ObjectKeys.IsRecord(ObjectKeys.Job("j")).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Control("j", 1)).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Done("j", "g", Range)).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Dead("j", 1, "g", Range)).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Key("k")).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Idempotency("i")).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Submitted(DateTimeOffset.UtcNow, "j")).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.Dataset("j")).ShouldBeTrue();
        ObjectKeys.IsRecord(ObjectKeys.SampleFile("j", "g", "chess", 7, "prompt.txt")).ShouldBeFalse();
        ObjectKeys.IsRecord(ObjectKeys.Shard("j", "g", Range)).ShouldBeFalse();
        ObjectKeys.IsRecord(ObjectKeys.DatasetFile("j", "README.md")).ShouldBeFalse();
        ObjectKeys.IsRecord(ObjectKeys.HealthProbe()).ShouldBeFalse();
    }

    [Fact]
    public void Newer_jobs_sort_first()
    {
        var now = DateTimeOffset.UtcNow;
        string.CompareOrdinal(ObjectKeys.Submitted(now.AddMilliseconds(1), "a"), ObjectKeys.Submitted(now, "a")).ShouldBeLessThan(0);
    }

    [Theory]
    [InlineData("jobs/j/done/g/nonsense.json")]
    [InlineData("jobs/j/done/g/00000000-5.txt")]
    [InlineData("00000000-5.json")]
    [InlineData("")]
    public void Other_keys_name_no_range(string key) => ObjectKeys.TryParseRange(key, out _, out _).ShouldBeFalse();
}
