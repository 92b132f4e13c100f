namespace VmDataset.ControlPlane.OpenApi;

/// <summary>An absent parameter's value, for the API's description; [DefaultValue] would need the parameter's own type, text.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class AbsentMeansAttribute(object value) : Attribute
{
    public object Value => value;
}
