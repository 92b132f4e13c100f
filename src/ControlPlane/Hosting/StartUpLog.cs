namespace VmDataset.ControlPlane.Hosting;

/// <summary>Keeps stack traces of a failed start out of the log: the exception ends the process, and <c>Program</c> reports it.</summary>
internal static class StartUpLog
{
    /// <summary>Starts the application and returns when it has stopped.</summary>
    public static async Task ServeAsync(this WebApplication app)
    {
        await using (app)
        {
            try
            {
                await app.StartAsync();
            }
            catch
            {
                // Services that had begun would take their end for a failure, and log it.
                await app.StopAsync();
                throw;
            }

            await app.WaitForShutdownAsync();
        }
    }

    public static void AddStartUpLog(this WebApplicationBuilder builder)
    {
        var started = new Started();
        builder.Services.AddSingleton<IHostedService>(started);
        // At Error the host tells of the start alone; a service that fails is told at Critical too.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Information
            && (level != LogLevel.Error || started.Is));
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level >= LogLevel.Warning && started.Is);
    }

    private sealed class Started : IHostedLifecycleService
    {
        private volatile bool _is;

        public bool Is => _is;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            _is = true;
            return Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
