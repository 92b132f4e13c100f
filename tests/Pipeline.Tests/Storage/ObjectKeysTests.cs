using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.Storage;

/// <summary>Keys are a contract with everybody who has data: they do not change by accident.</summary>
public class ObjectKeysTests
{
    private static readonly SampleRange Range = new(100, 50);

    [Theory]
    [InlineData("key:4be1c09a7d52")]
    [InlineData("jwt:../../jobs")]
    [InlineData("jwt:a b/\0ü")]
    public void Whatever_an_owner_is_named_its_open_jobs_have_a_key(string owner)
    {
        var key = ObjectKeys.Open(owner, 10_000_000_000, "20261123-130501-9f3c2a7b");

        ObjectKey.Check(key).ShouldStartWith(ObjectKeys.OpenPrefix(owner));
        key.ShouldMatch("^open/[0-9a-f]{32}/10000000000-20261123-130501-9f3c2a7b$");
        ObjectKeys.ReadOpen(key).ShouldBe((10_000_000_000, "20261123-130501-9f3c2a7b"));
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
        ObjectKeys.TryParseSent(ObjectKeys.Sent("j", 3, 12), out var round, out var batches).ShouldBeTrue();
        (round, batches).ShouldBe((3, 12));
        ObjectKeys.TryParseSent("jobs/j/sent/00000012", out _, out _).ShouldBeFalse();
        ObjectKeys.RoundOfDead("j", ObjectKeys.Dead("j", 3, "g", Range)).ShouldBe(3);
        ObjectKeys.JobIdOfSubmitted(ObjectKeys.Submitted(DateTimeOffset.UtcNow, "my-job")).ShouldBe("my-job");
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
