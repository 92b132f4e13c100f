using VmDataset.ControlPlane.Console.Catalogue;
using VmDataset.ControlPlane.Jobs.Previews;

namespace VmDataset.ControlPlane.Console.NewJob;

/// <summary>Draws a sample as the form's job would: the same preview as the API's, so equal ones are drawn once.</summary>
internal sealed class SampleDrawer(
    IGeneratorCatalog catalog, PreviewRequestReader requests, PreviewService previews, CatalogueReader reader)
{
    /// <returns>Null if the form shows no such generator.</returns>
    public async Task<DrawnSample?> DrawAsync(NewJobModel model, string generator, Caller caller, CancellationToken cancellationToken)
    {
        if (model.Parameters.FirstOrDefault(each => each.Generator == generator) is not { } shown
            || catalog.Find(generator) is not { } info) return null;
        var (request, errors) = await requests.ReadAsync(info, model.Form.ToPreview(generator, shown.Fields), cancellationToken);
        if (request is null) return new DrawnSample(generator, null, [.. errors.Select(static error => error.Message)]);
        var (job, _) = await previews.MakeAsync(info, request, caller.Id, cancellationToken);
        return new DrawnSample(generator, await reader.PreviewAsync(job, cancellationToken), []);
    }
}
