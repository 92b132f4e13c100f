namespace VmDataset.ControlPlane.Http;

/// <summary>A service other than the store and the queue is out of reach: 503, whose detail is the message.</summary>
internal sealed class ServiceUnreachableException(string message, Exception cause) : IOException(message, cause);
