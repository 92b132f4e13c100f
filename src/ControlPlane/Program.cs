using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Console;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Hosting;
using VmDataset.ControlPlane.Jobs.Batches;
using VmDataset.ControlPlane.Jobs.Control;
using VmDataset.ControlPlane.Jobs.Downloads;
using VmDataset.ControlPlane.Jobs.Events;
using VmDataset.ControlPlane.Jobs.Exports;
using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Plans;
using VmDataset.ControlPlane.Jobs.Previews;
using VmDataset.ControlPlane.Jobs.Quality;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Operations.DeadLetters;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.ControlPlane.Operations.Health;
using VmDataset.ControlPlane.Operations.Metrics;
using VmDataset.ControlPlane.Planning;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Worker.Hosting;
try
{
    return await CommandLine.Program("Serves the API of the dataset pipeline.", ServeAsync, CreateKeyCommand.Verb()).InvokeAsync(args);
}
catch (IOException exception) when (exception.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{exception.Message} Another process listens there; set PORT to a free one, or to 0 for any.");
    return 1;
}
catch (SocketException exception)
{
    await Console.Error.WriteLineAsync(
        $"The server cannot listen where it is told to: {exception.Message}; set PORT, or ASPNETCORE_URLS, to an address of this machine that this user may take.");
    return 1;
}
catch (StartUpException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

static async Task<int> ServeAsync(string[] args)
{
    var builder = WebApplication.CreateBuilder(HostArguments.WithoutReload(args));
    await builder.Configuration.AddSecretsAsync();
    var settings = new SettingsBinder(builder.Configuration);
    var backend = builder.AddBackend(settings);
    var process = builder.AddProcess(settings, "vm-dataset-api", backend.OnLambda, scopes: false);
    builder.AddAccess(settings);
    builder.AddProblems();
    builder.AddPlanning(settings);
    builder.AddJobs();
    builder.AddControl();
    builder.AddWebhooks(settings);
    builder.AddDatasets();
    builder.AddExports();
    builder.AddReconciliation(backend);
    builder.AddBatches();
    builder.AddQuality();
    builder.AddEvents(backend);
    builder.AddFailures();
    builder.AddSamples();
    builder.AddDeadLetters();
    builder.AddGenerators();
    builder.AddPreviews();
    builder.AddPlans();
    builder.AddFleet(settings);
    builder.AddHealth();
    builder.AddMetrics(backend, process);
    builder.AddConsole();
    builder.AddOpenApiDocument();
#if AWS_PACKAGES
    builder.AddLambdaHosting(backend);
#endif
    settings.ThrowIfWrong();

    var app = builder.Build();
    await app.OpenBackendAsync();
    await app.DecideAccessAsync();
    app.UseSecurityHeaders();
    app.UseProblems();
    app.UseAccess();
    var api = app.MapApi();
    api.MapJobs();
    api.MapControl();
    api.MapFailures();
    api.MapWebhooks();
    api.MapDownloads();
    api.MapExports();
    api.MapBatches();
    api.MapQuality();
    api.MapEvents();
    api.MapSamples();
    api.MapSampleFiles();
    api.MapGenerators();
    api.MapPreviews();
    api.MapPlans();
    api.MapQueue();
    api.MapDeadLetters();
    api.MapFleet();
    api.MapKeys();
    app.MapConsole();
    app.MapReconciliation();
    app.MapHealth();
    app.MapMetrics();
    app.MapOpenApiDocument();
    using var bound = ShutdownBound.Watch(app, process);
    await app.ServeAsync();
    return 0;
}
