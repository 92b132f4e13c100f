#if AWS_PACKAGES
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.AspNetCoreServer;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Events of a Lambda function URL become requests. Compiled with <c>-p:AwsPackages=true</c> alone.</summary>
internal static class LambdaHosting
{
    /// <remarks>
    /// Without AWS_LAMBDA_FUNCTION_NAME, so anywhere but on Lambda, Kestrel goes on serving; also beside the Web Adapter, which takes
    /// the events then.
    /// </remarks>
    public static void AddLambdaHosting(this WebApplicationBuilder builder, BackendOptions backend)
    {
        if (builder.Configuration["AWS_LWA_PORT"] is { Length: > 0 }) return;
        // As text a body loses every byte that is not UTF-8, and the package takes video and tar for text unless told.
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, static options =>
            options.DefaultResponseContentEncoding = ResponseContentEncoding.Base64);
        // The header that the adapter sets would be the caller's own here.
        builder.Services.AddSingleton(new IamCallers(backend) { ArnOf = ArnOf });
    }

    private static string? ArnOf(HttpContext http) =>
        (http.Items[AbstractAspNetCoreFunction.LAMBDA_REQUEST_OBJECT] as APIGatewayHttpApiV2ProxyRequest)?
            .RequestContext?.Authorizer?.IAM?.UserARN;
}
#endif
