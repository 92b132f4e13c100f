using System.Globalization;
using VmDataset.Submission;
using VmDataset.Tests.Aws;

// The benchmark starts itself: the stub and each measurement have a process of their own.
switch (args)
{
    case ["stub", var milliseconds]:
        await using (var stub = await StubSqs.StartAsync(TimeSpan.FromMilliseconds(Number(milliseconds))))
        {
            Console.WriteLine(stub.QueueUrl);
            // The end of the input is the end of the benchmark, however that came about.
            await Console.In.ReadToEndAsync();
        }

        return 0;

    case ["product" or "ready-product", var queueUrl, var messages, var runs]:
        await Measurement.ProductAsync(queueUrl, Number(messages), Number(runs), ready: args[0] == "ready-product");
        return 0;

    case ["one-by-one", var queueUrl, var messages, var first]:
        await Measurement.OneByOneAsync(queueUrl, Number(messages), Number(first));
        return 0;

    default:
        if (Arguments.Read(args) is not { } arguments) return 2;
        if (arguments.Help) return 0;
        return await new Benchmark(arguments).RunAsync() ? 0 : 1;
}

static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
