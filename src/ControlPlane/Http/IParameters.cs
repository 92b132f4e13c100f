namespace VmDataset.ControlPlane.Http;

/// <summary>
/// An endpoint's parameters, bound with [AsParameters]. They are bound as text, since the framework's binding would report the first
/// wrong one alone and without the allowed values; <see cref="ParameterFilter"/> has them read before the endpoint runs.
/// </summary>
internal interface IParameters
{
    /// <summary>Reads the texts.</summary>
    /// <param name="errors">Takes an error for each that is wrong; then the endpoint does not run.</param>
    void Read(List<ValidationError> errors);
}
