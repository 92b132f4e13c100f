namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>How far back the series reach.</summary>
internal sealed class FleetQuery : IParameters
{
    private const int DefaultMinutes = 15;
    private const int MaxMinutes = 1_440;

    private int _window;

    [FromQuery(Name = "minutes"), Description("Minutes that the series cover, in at most 60 points. The local backend has no series."),
        Range(1, MaxMinutes), AbsentMeans(DefaultMinutes)]
    public string? Minutes { get; init; }

    /// <summary>Minutes.</summary>
    public int Window => _window;

    public void Read(List<ValidationError> errors) =>
        _window = ParameterText.WholeNumber("minutes", Minutes, 1, MaxMinutes, DefaultMinutes, errors);
}
