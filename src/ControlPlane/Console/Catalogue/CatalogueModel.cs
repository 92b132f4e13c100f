using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Plans;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Catalogue;

/// <summary>A page of the generators.</summary>
public sealed record CatalogueModel
{
    public const int PageSize = 24;

    public required IReadOnlyList<CatalogueCard> Cards { get; init; }

    /// <summary>A part of names and descriptions; empty for all.</summary>
    public required string Search { get; init; }

    /// <summary>The category whose generators are shown; null for all.</summary>
    public required string? Category { get; init; }

    /// <summary>The categories there are, those of the generators without one last.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Whether only those that jobs cannot use are shown.</summary>
    public required bool OnlyUnusable { get; init; }

    public required int Matches { get; init; }

    public required int Usable { get; init; }

    public required int All { get; init; }

    /// <summary>From 1.</summary>
    public required int Page { get; init; }

    public int Pages => Math.Max(1, (Matches + PageSize - 1) / PageSize);
}

/// <summary>A generator, with a picture of its preview where there is one.</summary>
public sealed record CatalogueCard(GeneratorView Generator, string? Picture);

/// <summary>A generator's own page.</summary>
public sealed record GeneratorModel
{
    public required GeneratorView Generator { get; init; }

    /// <summary>What its samples take.</summary>
    public required PlanGeneratorView Measured { get; init; }

    /// <summary>Its parameters as fields of the preview's form.</summary>
    public required IReadOnlyList<ParameterField> Fields { get; init; }

    /// <summary>The texts of the preview's form.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>What is wrong with the preview's form.</summary>
    public IReadOnlyList<ValidationError> Errors { get; init; } = [];

    /// <summary>The preview that is shown; null where there is none.</summary>
    public PreviewModel? Preview { get; init; }

    public string Text(string field) => Texts.GetValueOrDefault(field, "");

    public IReadOnlyList<string> ErrorsOf(string field) =>
        [.. Errors.Where(error => error.Field == field).Select(static error => error.Message)];
}

/// <summary>A preview's samples.</summary>
public sealed record PreviewModel(JobView Job, IReadOnlyList<SampleView> Samples, IReadOnlyList<string> Failures);
