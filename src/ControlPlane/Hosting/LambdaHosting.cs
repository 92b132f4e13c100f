#if LAMBDA_HOSTING

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Events of a Lambda function URL become requests. Compiled with <c>-p:LambdaHosting=true</c> alone.</summary>
internal static class LambdaHosting
{
    /// <remarks>Without AWS_LAMBDA_FUNCTION_NAME, so anywhere but on Lambda, Kestrel goes on serving.</remarks>
    public static void AddLambdaHosting(this WebApplicationBuilder builder) =>
        // As text a body loses every byte that is not UTF-8, and the package takes video and tar for text unless told.
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, static options =>
            options.DefaultResponseContentEncoding = ResponseContentEncoding.Base64);
}
#endif
