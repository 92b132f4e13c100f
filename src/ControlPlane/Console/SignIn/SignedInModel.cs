namespace VmDataset.ControlPlane.Console.SignIn;

/// <param name="Return">The path of this server to go on to.</param>
public sealed record SignedInModel(string Return);
