namespace VmDataset.ControlPlane.Console.SignIn;

/// <summary>The sign-in's form.</summary>
/// <param name="Return">The path of this server to go to afterwards.</param>
/// <param name="Error">Why the last sign-in was refused; null before the first.</param>
/// <param name="Issuer">The host of the issuer where people can sign in; null if that is not offered.</param>
public sealed record SignInModel(string Return, string? Error, string? Issuer);
