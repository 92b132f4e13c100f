using CsCheck;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Jobs;

public class CandidatePlanTests
{
    private static readonly Job TheJob = new()
    {
        Id = "j",
        CreatedAt = default,
        Generators = [new("a", "1")],
        StartIndex = 0,
        Samples = 100,
        BatchSize = 10,
        Seed = 0,
        OutputFormat = OutputFormat.Files,
        Unique = true,
    };

    [Fact]
    public void The_search_ends_when_there_are_enough_different_samples() =>
        CandidatePlan.Check(TheJob, [], new DistinctCount("a", 100, 100, 0)).ShouldBe(new DuplicateCheck("a", 100, 100, 100));

    [Fact]
    public void Further_candidates_replace_the_duplicates_with_a_margin() =>
        CandidatePlan.Check(TheJob, [], new DistinctCount("a", 100, 80, 3)).Next.ShouldBe(100 + 35);

    [Fact]
    public void Additions_at_least_double() =>
        CandidatePlan.Check(TheJob, [new DuplicateCheck("a", 100, 80, 200)], new DistinctCount("a", 200, 99, 3)).Next.ShouldBe(200 + 200);

    [Fact]
    public void A_generator_that_long_gave_nothing_new_is_exhausted() =>
        CandidatePlan.Check(TheJob, [], new DistinctCount("a", 300, 40, 160)).Settled.ShouldBeTrue();

    [Fact]
    public void Candidates_have_a_limit_and_stay_within_what_indices_and_seeds_allow()
    {
        CandidatePlan.Limit(TheJob, 100).ShouldBe(2_000);
        CandidatePlan.Limit(TheJob with { StartIndex = JobLimits.MaxIndexEnd - 150 }, 100).ShouldBe(150);
        CandidatePlan.Limit(TheJob with { Seed = JobLimits.MaxSeed - 109, StartIndex = 10 }, 100).ShouldBe(100);
        CandidatePlan.Check(TheJob, [], new DistinctCount("a", 1_990, 90, 3)).Next.ShouldBe(2_000);
    }

    /// <summary>Whatever a generator gives, the search ends, and has then found all that the plan allows for.</summary>
    [Fact]
    public void The_search_ends_with_the_first_samples_there_are() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 200], Gen.Int[0, 1_000]).Sample((wanted, kinds, seed) =>
        {
            var job = TheJob with { Samples = wanted };
            var random = new Random(seed);
            var drawn = Enumerable.Range(0, CandidatePlan.Limit(job, wanted)).Select(_ => random.Next(kinds).ToString("x32")).ToList();
            List<DuplicateCheck> checks = [];
            var candidates = wanted;
            while (checks is [] || !checks[^1].Settled)
            {
                var distinct = new DistinctSamples();
                for (var index = 0; index < candidates; index++) distinct.Add(drawn[index], index);
                checks.Add(CandidatePlan.Check(job, checks, new DistinctCount("a", candidates, distinct.Count, distinct.SinceLastNew)));
                candidates = checks[^1].Next;
            }

            checks.Count.ShouldBeLessThan(16);
            if (checks[^1].Distinct < wanted) (candidates == drawn.Count || candidates >= 100).ShouldBeTrue();
            if (kinds < 10 && wanted > kinds) checks[^1].Distinct.ShouldBe(kinds);
        });
}
