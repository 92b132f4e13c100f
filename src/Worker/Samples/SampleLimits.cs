namespace VmDataset.Worker.Samples;

/// <summary>What one sample may be; <c>docs/write-a-generator.md</c> has the same table. The bytes of its files are bounded by <see cref="WorkerOptions.MaxSampleBytes"/>.</summary>
internal static class SampleLimits
{
    /// <summary>Bytes of <c>metadata.json</c> and of <c>prompt.txt</c>, each: they are read into memory as a whole.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>Files in a sample.</summary>
    public const int Files = 1_000;

    /// <summary>Folders in a sample.</summary>
    public const int Folders = 100;

    /// <summary>Levels of folders in a sample.</summary>
    public const int Levels = 8;

    /// <summary>Files and folders that are looked at above the sample to find it.</summary>
    public const int SearchedEntries = 2_000;

    /// <summary>UTF-8 bytes of a file's name with its folders: behind a domain and an index it is still one name (255 bytes) in a
    /// tar.</summary>
    public const int NameBytes = 180;

    /// <summary>Bytes of pixels of one PNG: 8,192 x 8,192 of 4 bytes.</summary>
    public const long PngBytes = 256L << 20;

    /// <summary>Bytes of pixels of all PNGs of a sample.</summary>
    public const long AllPngBytes = 1L << 30;

    /// <summary>Boxes of the outermost level of an MP4, a fragmented one's moofs among them.</summary>
    public const int Mp4Boxes = 100_000;

    /// <summary>How long the reading of one sample may take.</summary>
    public static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(60);
}
