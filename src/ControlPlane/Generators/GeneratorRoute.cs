namespace VmDataset.ControlPlane.Generators;

/// <summary>The generator's name in a route.</summary>
internal sealed class GeneratorRoute : IParameters
{
    [FromRoute(Name = "name"), Description("The generator's name."), RegularExpression(GeneratorName.Pattern),
        Example("chess-task-data-generator")]
    public string Name { get; init; } = "";

    public void Read(List<ValidationError> errors)
    {
        if (!GeneratorName.IsValid(Name)) errors.Add(new ValidationError("name", $"name is '{Name}'; allowed: {GeneratorName.Rule}."));
    }

    public ProblemHttpResult NotFound() => Problem.NotFound($"There is no generator '{Name}'; GET /v1/generators lists them.");
}
