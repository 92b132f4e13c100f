using System.Text.Json.Nodes;
using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Previews;

namespace VmDataset.ControlPlane.Console.Catalogue;

/// <summary>The generators as pictures, and each one's page.</summary>
internal static class CatalogueEndpoints
{
    public static void MapCatalogue(this IEndpointRouteBuilder pages)
    {
        var generators = pages.MapGroup("/generators").RequireRole(Role.Read);
        generators.MapGet("", ListAsync);
        generators.MapGet("/{name}", GetAsync);
        generators.MapPost("/{name}/preview", PreviewAsync).RequireRole(Role.Submit);
    }

    private static async Task<IResult> ListAsync(string? search, string? category, string? only, string? page, CatalogueReader reader,
        CancellationToken cancellationToken)
    {
        var number = int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1;
        var text = search?.Trim() ?? "";
        var wanted = category is { Length: > 0 and <= GeneratorCategory.MaxLength } ? category : null;
        return PageResult.Of<CataloguePage>(
            await reader.ListAsync(text.Length <= 100 ? text : "", wanted, only == "unusable", number, cancellationToken));
    }

    private static async Task<IResult> GetAsync([AsParameters] GeneratorRoute route, string? preview, CatalogueReader reader,
        CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        route.Read(errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        return await reader.FindAsync(route.Name, preview, cancellationToken) is { } model ? PageResult.Of<GeneratorPage>(model)
            : route.NotFound();
    }

    private static async Task<IResult> PreviewAsync([AsParameters] GeneratorRoute route, HttpRequest request, Caller caller,
        CatalogueReader reader, IGeneratorCatalog catalog, PreviewRequestReader requests, PreviewService previews,
        CancellationToken cancellationToken)
    {
        if (catalog.Find(route.Name) is not { } generator || await reader.FindAsync(route.Name, null, cancellationToken) is not { } model)
            return route.NotFound();
        var form = await request.ReadFormAsync(cancellationToken);
        var parameters = new JsonObject();
        foreach (var field in model.Fields)
            if (field.Read(form["parameters." + field.Name].ToString().Trim()) is { } value) parameters[field.Name] = value;
        var fields = FormFields.Object(("samples", FormFields.Scalar(form["samples"])), ("seed", FormFields.Scalar(form["seed"])),
            ("parameters", parameters.Count > 0 ? parameters : null));
        var (preview, errors) = await requests.ReadAsync(generator, fields, cancellationToken);
        if (preview is null)
        {
            return PageResult.Of<GeneratorPage>(model with
            {
                Errors = errors,
                Texts = form.ToDictionary(static field => field.Key, static field => field.Value.ToString()),
            }, StatusCodes.Status400BadRequest);
        }

        var (job, _) = await previews.MakeAsync(generator, preview, caller.Id, cancellationToken);
        return new SeeOther($"/generators/{route.Name}?preview={job.Id}#preview");
    }
}
