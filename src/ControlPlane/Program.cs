using VmDataset.ControlPlane.DeadLetters;
using VmDataset.ControlPlane.Engines;
using VmDataset.ControlPlane.Fleet;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Health;
using VmDataset.ControlPlane.Jobs;
using VmDataset.ControlPlane.OpenApi;
using VmDataset.ControlPlane.Problems;
using VmDataset.ControlPlane.Queue;
using VmDataset.ControlPlane.Samples;
using VmDataset.Pipeline.Settings;

try
{
    var builder = WebApplication.CreateBuilder(args);
    var engine = builder.AddEngine();
    builder.AddProblems();
    builder.AddJobs(engine);
    builder.AddSamples();
    builder.AddDeadLetters();
    builder.AddGenerators();
    builder.AddFleet();
    builder.AddHealth();
    builder.AddOpenApiDocument();
#if LAMBDA_HOSTING
    builder.AddLambdaHosting();
#endif

    var app = builder.Build();
    await app.OpenEngineAsync();
    app.UseProblems();
    app.MapJobs();
    app.MapFailures();
    app.MapSamples();
    app.MapSampleFiles();
    app.MapGallery();
    app.MapGenerators();
    app.MapQueue();
    app.MapDeadLetters();
    app.MapFleet();
    app.MapHealth();
    app.MapOpenApiDocument();
    await app.RunAsync();
    return 0;
}
catch (StartUpException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
