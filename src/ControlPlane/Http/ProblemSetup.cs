namespace VmDataset.ControlPlane.Http;

/// <summary>One shape for every error.</summary>
internal static class ProblemSetup
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<UnhandledErrors>();
        builder.Services.DescribeSchema<ProblemDetails>(ProblemSchema.Describe);
        builder.Services.DescribeSchema<HttpValidationProblemDetails>(ProblemSchema.Describe);
        builder.Services.ConfigureHttpJsonOptions(static json =>
        {
            WireJson.Configure(json.SerializerOptions);
            // The web defaults would also take numbers in quotes, and the OpenAPI document would have to say so.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
    }

    public static void UseProblems(this WebApplication app)
    {
        EarlyProblems.Watch(app.Services);
        app.UseExceptionHandler();
        app.Use(StatusProblems.InvokeAsync);
        app.UseMiddleware<StallTimeout>();
    }
}
