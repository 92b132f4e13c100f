namespace VmDataset.Pipeline.Jobs;

/// <summary>The format of finished samples in the store.</summary>
public enum OutputFormat
{
    /// <summary>One folder per sample.</summary>
    Files,

    /// <summary>One WebDataset tar per finished range.</summary>
    [JsonStringEnumMemberName("webdataset")]
    WebDataset,
}
