using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Plans;
using VmDataset.ControlPlane.Jobs.Previews;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Console.Catalogue;

/// <summary>Reads generators with the pictures of the previews that were made of them.</summary>
internal sealed class CatalogueReader(
    GeneratorReader generators, IGeneratorCatalog catalog, PreviewService previews, SampleReader samples, FailureReader failures,
    CalibrationReader calibrations, JobStore jobs, JobSnapshotReader snapshots)
{
    private static readonly PreviewRequest Usual = new();

    public async Task<CatalogueModel> ListAsync(
        string search, string? category, bool onlyUnusable, int page, CancellationToken cancellationToken)
    {
        var all = await generators.ListAsync(cancellationToken);
        var found = all.Where(each => (!onlyUnusable || !each.Usable)
            && (category is null || GeneratorCategory.Is(each.Category, category))
            && (Has(each.Name, search) || Has(each.Description ?? "", search)))
            .OrderBy(static each => each.Category, GeneratorCategory.Order).ToList();
        var at = Math.Clamp(page, 1, Math.Max(1, (found.Count + CatalogueModel.PageSize - 1) / CatalogueModel.PageSize));
        return new CatalogueModel
        {
            Cards = await Task.WhenAll(found.Skip((at - 1) * CatalogueModel.PageSize).Take(CatalogueModel.PageSize)
                .Select(each => CardAsync(each, cancellationToken))),
            Search = search,
            Category = category,
            Categories = GeneratorCategory.Of(all.Select(static each => each.Category)),
            OnlyUnusable = onlyUnusable,
            Matches = found.Count,
            Usable = all.Count(static each => each.Usable),
            All = all.Count,
            Page = at,
        };
    }

    /// <param name="name">The generator.</param>
    /// <param name="previewId">The preview to show; null for the usual one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null if there is no such generator.</returns>
    public async Task<GeneratorModel?> FindAsync(string name, string? previewId, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } info || await generators.FindAsync(name, cancellationToken) is not { } view) return null;
        var planned = await calibrations.ReadAsync([JobGenerator.Of(info)], null, cancellationToken);
        var job = previewId is null ? await previews.FindAsync(info, Usual, cancellationToken)
            : JobId.IsPreview(previewId) ? await jobs.FindAsync(previewId, cancellationToken) : null;
        return new GeneratorModel
        {
            Generator = view,
            Measured = PlanGeneratorView.Of(planned[0]),
            Fields = view.Parameters is { } schema ? [.. ParameterField.Of(schema)] : [],
            Texts = job is null ? new Dictionary<string, string>() : TextsOf(job),
            Preview = job?.Generators[0].Name == name ? await PreviewAsync(job, cancellationToken) : null,
        };
    }

    private async Task<CatalogueCard> CardAsync(GeneratorView view, CancellationToken cancellationToken)
    {
        if (catalog.Find(view.Name) is not { } info || await previews.FindAsync(info, Usual, cancellationToken) is not { } job)
            return new CatalogueCard(view, null);
        var (found, _) = await samples.ReadAsync(job, SampleFilter.All, null, 1, cancellationToken);
        return new CatalogueCard(view, found is [var first] ? first.Files.FirstOrDefault(static file => file.Name == "first_frame.png")?.Url : null);
    }

    /// <summary>What a preview has drawn so far.</summary>
    /// <returns>Null if it is deleted.</returns>
    public async Task<PreviewModel?> PreviewAsync(Job job, CancellationToken cancellationToken)
    {
        var snapshot = await snapshots.ReadAsync(job, cancellationToken);
        if (snapshot.Progress.Control.Deleted) return null;
        var (found, _) = await samples.ReadAsync(job, SampleFilter.All, null, job.Samples, cancellationToken);
        var (failed, _) = await failures.ReadAsync(job, generator: null, all: false, cursor: null, job.Samples, cancellationToken);
        return new PreviewModel(JobViewer.View(snapshot, withGenerators: false), found, [.. failed.Select(static each => each.Message)]);
    }

    private static Dictionary<string, string> TextsOf(Job job)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal)
        {
            ["samples"] = job.Samples.ToString(CultureInfo.InvariantCulture),
            ["seed"] = job.Seed.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var parameter in job.Generators[0].Parameters?.Values ?? [])
            texts["parameters." + parameter.Name] = parameter.Value.ValueKind == JsonValueKind.String ? parameter.Value.GetString()!
                : parameter.Value.GetRawText();
        return texts;
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
