using System.Formats.Tar;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Publishing;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Publishing;

public sealed class ShardWriterTests
{
    [Fact]
    public async Task A_file_may_have_a_longer_name_than_the_plain_format_takes()
    {
        using var folder = new TemporaryFolder();
        var names = new[] { $"{new string('a', 180)}.json", "first_frame.png", $"ü{new string('b', 110)}.txt" };
        foreach (var name in names) await File.WriteAllTextAsync(folder.Combine(name), name, TestContext.Current.CancellationToken);
        var sample = new Sample("chess", new SampleRecord
        {
            Index = 7,
            Seed = 7,
            Fingerprint = "",
            Seconds = 0,
            Files = [.. names.Select(static name => new SampleFileRecord(name, name.Length, ""))],
        }, folder.Path, folder.Path);

        await using var writer = new ShardWriter(folder.Combine("shards", "a.tar"));
        await writer.AddAsync(sample, TestContext.Current.CancellationToken);
        var tar = writer.Finish();

        await using var reader = new TarReader(tar);
        foreach (var name in names)
        {
            var entry = (await reader.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken))!;
            entry.Name.ShouldBe($"chess_00000007.{name}");
            using var content = new StreamReader(entry.DataStream!);
            (await content.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(name);
        }
    }
}
