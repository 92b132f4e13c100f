using VmDataset.ControlPlane.Console.Catalogue;
using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Jobs.Plans;

namespace VmDataset.ControlPlane.Console.NewJob;

/// <summary>The form for a new job, with what the API says of it.</summary>
public sealed record NewJobModel
{
    public required JobForm Form { get; init; }

    /// <summary>Generators to choose from: those that match the search, and the chosen ones.</summary>
    public required IReadOnlyList<GeneratorChoiceRow> Choices { get; init; }

    /// <summary>The categories of all usable generators.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Usable generators in all.</summary>
    public required int Usable { get; init; }

    /// <summary>The parameters of the chosen generators, of a few at most.</summary>
    public required IReadOnlyList<GeneratorParameters> Parameters { get; init; }

    /// <summary>What is wrong, a sentence each, by field.</summary>
    public IReadOnlyList<ValidationError> Errors { get; init; } = [];

    /// <summary>What is wrong with the whole; null if nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>What the job will take; null as long as that was not asked for or something is wrong.</summary>
    public PlanView? Plan { get; init; }

    /// <summary>The request as a command; null as long as something is wrong.</summary>
    public string? Curl { get; init; }

    /// <summary>Whether jobs cost dollars here.</summary>
    public required bool HasCost { get; init; }

    /// <summary>The sample that was drawn with the form's parameters; null if none was asked for.</summary>
    public DrawnSample? Drawn { get; init; }

    /// <summary>The sentences about a field.</summary>
    public IEnumerable<string> ErrorsOf(string field) =>
        Errors.Where(error => error.Field == field).Select(static error => error.Message);

    /// <summary>The sentences about a parameter of a generator.</summary>
    public IEnumerable<string> ErrorsOf(string generator, string parameter) =>
        ErrorsOf($"generators[{Form.Generators.TakeWhile(name => name != generator).Count()}].parameters.{parameter}");

    /// <summary>The sentences that stand beside no field of this form.</summary>
    public IEnumerable<string> OtherErrors() => Errors.Where(error => !IsShown(error.Field)).Select(static error => error.Message);

    private bool IsShown(string field) => JobForm.Plain.Contains(field) || field is "generators" or "parameters" or JobForm.Others
        || JobForm.Video.Any(name => field == "video." + name)
        || Parameters.Any(each => each.Fields.Any(one => ErrorFieldOf(each.Generator, one.Name) == field));

    private string ErrorFieldOf(string generator, string parameter) =>
        $"generators[{Form.Generators.TakeWhile(name => name != generator).Count()}].parameters.{parameter}";
}

/// <summary>A generator to choose.</summary>
public sealed record GeneratorChoiceRow(string Name, string? Description, string? Category, bool IsChosen, string? Problem);

/// <summary>A sample of a generator as the job would draw it.</summary>
/// <param name="Preview">What was drawn; null where it was refused.</param>
/// <param name="Errors">Why it was refused.</param>
public sealed record DrawnSample(string Generator, PreviewModel? Preview, IReadOnlyList<string> Errors);

/// <summary>The parameters of a chosen generator.</summary>
/// <param name="Note">Why there are none; null if there are some.</param>
public sealed record GeneratorParameters(string Generator, IReadOnlyList<ParameterField> Fields, string? Note);
