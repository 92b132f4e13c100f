namespace VmDataset.ControlPlane.Console.SignIn;

/// <summary>The sign-in's form.</summary>
/// <param name="Return">The path of this server to go to afterwards.</param>
/// <param name="Error">Why the last key was refused; null before one was given.</param>
public sealed record SignInModel(string Return, string? Error);
