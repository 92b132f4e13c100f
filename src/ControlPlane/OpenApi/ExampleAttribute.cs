namespace VmDataset.ControlPlane.OpenApi;

/// <summary>An example of a parameter's value, for the API's description.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class ExampleAttribute(string value) : Attribute
{
    public string Value => value;
}
