using System.Buffers.Binary;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public sealed class SampleLimitTests : IDisposable
{
    private readonly OutputFolder _output = new();

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData("metadata.json")]
    [InlineData("prompt.txt")]
    public void Texts_that_are_read_whole_are_bounded(string name)
    {
        File.WriteAllText(_output.PathOf(name), new string('x', SampleLimits.TextBytes));
        _output.Read(maxBytes: 10 << 20).Record.Files.ShouldContain(file => file.Name == name && file.Bytes == SampleLimits.TextBytes);
        File.AppendAllText(_output.PathOf(name), "x");
        Should.Throw<InvalidSampleException>(() => _output.Read(maxBytes: 10 << 20)).Message.ShouldBe($"{name}: it has 1048577 bytes; allowed: at most 1048576.");
    }

    [Fact]
    public void The_largest_metadata_costs_a_few_times_its_size()
    {
        var start = "{\"task_id\": \"";
        File.WriteAllText(_output.PathOf("metadata.json"), start + new string('x', SampleLimits.TextBytes - start.Length));
        _output.Read(maxBytes: 10 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _output.Read(maxBytes: 10 << 20);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(32 << 20);
    }

    [Fact]
    public void Metadata_that_grows_when_it_is_renamed_is_bounded_too()
    {
        Directory.Move(_output.Sample, Path.Combine(_output.Sample, "..", "a"));
        File.WriteAllText(Path.Combine(_output.Sample, "..", "a", "metadata.json"), string.Concat(Enumerable.Repeat("\"a\",", 200_000)));
        Should.Throw<InvalidSampleException>(() => _output.Read(maxBytes: 100 << 20)).Message.ShouldBe("metadata.json: it has 3400000 bytes; allowed: at most 1048576.");
    }

    [Fact]
    public void A_sparse_file_counts_with_its_size()
    {
        using (var sparse = File.Create(_output.PathOf("sparse.bin"))) sparse.SetLength(1L << 40);
        _output.ShouldBeInvalid("bytes; allowed: at most 1048576.");
    }

    [Fact]
    public void Files_folders_and_levels_are_counted()
    {
        for (var file = 3; file < SampleLimits.Files; file++) File.WriteAllText(_output.PathOf($"part{file}.txt"), "");
        _output.Read().Record.Files.Count.ShouldBe(SampleLimits.Files);
        File.WriteAllText(_output.PathOf("more.txt"), "");
        _output.ShouldBeInvalid("The sample has more than 1000 files, ");
        File.Delete(_output.PathOf("more.txt"));
        Directory.CreateDirectory(_output.PathOf("1/2/3/4/5/6/7/8"));
        File.Move(_output.PathOf("part3.txt"), _output.PathOf("1/2/3/4/5/6/7/8/part.txt"));
        _output.Read().Record.Files.ShouldContain(static file => file.Name == "1/2/3/4/5/6/7/8/part.txt");
        Directory.CreateDirectory(_output.PathOf("1/2/3/4/5/6/7/8/9"));
        _output.ShouldBeInvalid("1/2/3/4/5/6/7/8/9: it lies 9 folders deep; allowed: at most 8.");
        Directory.Delete(_output.PathOf("1/2/3/4/5/6/7/8/9"));
        for (var folder = 0; folder <= SampleLimits.Folders; folder++) Directory.CreateDirectory(_output.PathOf($"f{folder}"));
        _output.ShouldBeInvalid("The sample has more than 100 folders, ");
    }

    [Fact]
    public void The_search_for_the_sample_is_bounded()
    {
        for (var folder = 0; folder <= SampleLimits.SearchedEntries; folder++) File.WriteAllText(Path.Combine(_output.Work, "out", $"{folder}"), "");
        _output.ShouldBeInvalid("The output has too many files and folders beside the sample's own; allowed: at most 2000.");
    }

    [Theory]
    [InlineData("a:b.txt", "its name has a :")]
    [InlineData("a\\b.txt", "its name has a \\")]
    [InlineData("a?.txt", "its name has a ?")]
    [InlineData("a\nb.txt", "its name has a control character")]
    [InlineData("a\u0085.txt", "its name has a control character")]
    [InlineData("end.", "its name ends with a dot or a space")]
    [InlineData("end ", "its name ends with a dot or a space")]
    [InlineData("aux.txt", "its name is kept for a device")]
    [InlineData("extra/COM1", "its name is kept for a device")]
    public void Names_that_other_systems_cannot_store_are_refused(string name, string defect)
    {
        Directory.CreateDirectory(_output.PathOf("extra"));
        File.WriteAllText(_output.PathOf(name), "");
        var shown = name.Replace("\n", "\\x0a", StringComparison.Ordinal).Replace("\u0085", "\\x85", StringComparison.Ordinal);
        _output.ShouldBeInvalid($"{shown}: {defect}; allowed: UTF-8 without control characters");
    }

    [Theory]
    [InlineData("ground truth (2).txt")]
    [InlineData("größe_日本.json")]
    [InlineData(".hidden")]
    [InlineData("a,b=c;d'e&f#g%h@i+j~k[l]{m}!n$o^p`q.txt")]
    [InlineData("COM10.txt")]
    public void Other_names_pass(string name)
    {
        File.WriteAllText(_output.PathOf(name), "");
        _output.Read().Record.Files.ShouldContain(file => file.Name == name);
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_judged_by_its_bytes()
    {
        _output.Create([.. "caf"u8, 0xE9, .. ".txt"u8]);
        _output.ShouldBeInvalid("caf\\xe9.txt: its name is not UTF-8; allowed: ");
    }

    [Fact]
    public void A_name_is_bounded_in_bytes_with_its_folders()
    {
        Directory.CreateDirectory(_output.PathOf("ü"));
        File.WriteAllText(_output.PathOf("ü/" + new string('n', 177)), "");
        _output.Read().Record.Files.Count.ShouldBe(4);
        File.WriteAllText(_output.PathOf("ü/" + new string('n', 178)), "");
        _output.ShouldBeInvalid("its name has 181 bytes; allowed: at most 180, folders included.");
    }

    [Fact]
    public void A_pictures_pixels_are_counted_before_they_are_inflated()
    {
        File.WriteAllBytes(_output.PathOf("final_frame.png"), WithSize(16_384, 16_384));
        _output.ShouldBeInvalid("final_frame.png: its 16384 x 16384 pixels are 805322752 bytes; allowed: at most 268435456.");
        File.WriteAllBytes(_output.PathOf("final_frame.png"), WithSize(int.MaxValue, int.MaxValue));
        _output.ShouldBeInvalid("final_frame.png: its 2147483647 x 2147483647 pixels are 13835058044544745474 bytes; allowed: at most 268435456.");
    }

    [Fact]
    public void The_pictures_of_a_sample_are_bounded_together()
    {
        using var picture = new MemoryStream(TestPng.Make(8, 8));
        PngCheck.FindDefect(picture, left: 8 * 25, TestContext.Current.CancellationToken).ShouldBe((null, 8 * 25));
        picture.Position = 0;
        PngCheck.FindDefect(picture, left: (8 * 25) - 1, TestContext.Current.CancellationToken).Defect.ShouldBe(
            "with it the pixels of the sample's PNGs are more than 1073741824 bytes; allowed: at most that");
    }

    [Fact]
    public void A_videos_boxes_are_counted()
    {
        var boxes = new byte[8 * (SampleLimits.Mp4Boxes + 1)];
        for (var at = 0; at < boxes.Length; at += 8) BinaryPrimitives.WriteInt32BigEndian(boxes.AsSpan(at), 8);
        File.WriteAllBytes(_output.PathOf("ground_truth.mp4"), boxes);
        _output.ShouldBeInvalid("ground_truth.mp4: it has too many boxes; allowed: at most 100000.");
    }

    [Fact]
    public void Reading_ends_in_time_and_when_it_is_cancelled()
    {
        var late = Should.Throw<InvalidSampleException>(() => _output.Read(time: TimeSpan.Zero));
        (late.Kind, late.Message).ShouldBe((FailureKind.TimedOut, "The sample was drawn, but its files could not be read within 0 s."));
        Should.Throw<OperationCanceledException>(() => _output.Read(cancellationToken: new CancellationToken(canceled: true)));
        using var picture = new MemoryStream(TestPng.Make(4_096, 4_096));
        Should.Throw<OperationCanceledException>(() => PngCheck.FindDefect(picture, SampleLimits.AllPngBytes, new CancellationToken(canceled: true)));
    }

    // The checksums of a picture whose header says another size, since only the header is looked at by then.
    private static byte[] WithSize(int width, int height)
    {
        var png = TestPng.Make(8, 8);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        return png;
    }
}
