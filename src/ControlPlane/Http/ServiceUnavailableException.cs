namespace VmDataset.ControlPlane.Http;

/// <summary>A request cannot be answered at the moment: 503, whose detail is the message.</summary>
internal sealed class ServiceUnavailableException(string message, Exception cause) : IOException(message, cause);
