using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>Reads a request for a preview, its parameters too.</summary>
internal sealed class PreviewRequestReader(ParametersReader parameters, IGeneratorRuntime? runtime = null)
{
    /// <returns>The request, or null and what is wrong.</returns>
    public async Task<(PreviewRequest? Preview, IReadOnlyList<ValidationError> Errors)> ReadAsync(
        GeneratorInfo generator, JsonElement fields, CancellationToken cancellationToken)
    {
        var (preview, errors) = PreviewRequest.Read(fields);
        if (preview is null) return (null, errors);
        var hasParameters = fields.TryGetProperty(PreviewRequest.ParametersField, out var given) && given.ValueKind != JsonValueKind.Null;
        List<ValidationError> mistakes = [];
        if (await VideoSupport.ProblemAsync(runtime, preview.Video, cancellationToken) is { } lacks) mistakes.Add(lacks);
        var set = await parameters.ReadAsync(generator, hasParameters ? [(PreviewRequest.ParametersField, given)] : [],
            PreviewRequest.ParametersField, mistakes.Add, cancellationToken);
        return mistakes.Count > 0 ? (null, mistakes) : (preview with { Parameters = set }, []);
    }
}
