namespace VmDataset.ControlPlane.Generators;

internal sealed class GeneratorListQuery : IParameters
{
    [FromQuery(Name = "category"), Description("Only generators of this category, in any case. `other`: those that state none."),
        RegularExpression("^.{1,40}$")]
    public string? Category { get; init; }

    public void Read(List<ValidationError> errors)
    {
        if (Category is { Length: 0 or > GeneratorCategory.MaxLength })
            errors.Add(new ValidationError("category", $"category is '{Category}'; allowed: 1 to {GeneratorCategory.MaxLength} characters."));
    }
}
