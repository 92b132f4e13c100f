using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Exports;

/// <summary>A sample of an export.</summary>
/// <param name="Row">Its row, with paths below the dataset's folder.</param>
/// <param name="Number">Samples of its generator before it in the export.</param>
/// <param name="Prompt">Its prompt, without the white space around it: every loader removes that.</param>
internal sealed record ExportSample(SampleRow Row, int Number, string Prompt)
{
    public string Generator => Row.Generator.Name;
}
