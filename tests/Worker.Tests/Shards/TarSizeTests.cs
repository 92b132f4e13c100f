using System.Formats.Tar;
using VmDataset.Worker.Publishing;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>Samples are found in a tar by sizes that are added up, so these must be those of the writer.</summary>
public sealed class TarSizeTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(99, 1)]
    [InlineData(100, 512)]
    [InlineData(101, 513)]
    [InlineData(255, 1_024)]
    [InlineData(511, 3)]
    [InlineData(512, 3)]
    public async Task A_member_takes_as_many_bytes_as_are_added_up(int nameLength, int bytes)
    {
        foreach (var start in new[] { "a/b.", "aé/谁." })
        {
            var name = start;
            while (System.Text.Encoding.UTF8.GetByteCount(name) < nameLength) name += "x";
            var tar = new MemoryStream();
            await using var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true);
            var member = ShardWriter.Member(name);
            member.DataStream = new MemoryStream(new byte[bytes]);
            await writer.WriteEntryAsync(member, TestContext.Current.CancellationToken);

            tar.Length.ShouldBe(ShardWriter.SizeOf(name, bytes), name);
        }
    }
}
