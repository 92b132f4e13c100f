namespace VmDataset.ControlPlane.Auth;

/// <summary>A credential that does not hold; the message may be told to whoever sent it.</summary>
internal sealed class RefusedCredentialException(string message) : Exception(message);
