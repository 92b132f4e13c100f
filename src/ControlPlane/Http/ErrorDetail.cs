namespace VmDataset.ControlPlane.Http;

/// <summary>The problem's detail for an error answer that is left without a body, from whatever refuses the request.</summary>
internal static class ErrorDetail
{
    private static readonly object Key = new();

    public static void Set(HttpContext http, string detail) => http.Items[Key] = detail;

    public static string? Of(HttpContext http) => http.Items[Key] as string;
}
