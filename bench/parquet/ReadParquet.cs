#:package ParquetSharp@25.0.1.2
#:property ManagePackageVersionsCentrally=false
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false

// Reads the Parquet tables of a fabricated job's dataset with Apache's C++ library, which shares no code with their writer:
//   dotnet run bench/parquet/ReadParquet.cs -- FOLDER GENERATORS SAMPLES
// Checks that each index of each generator is there once, with its seed and fingerprint. It is a program of its own, outside of the
// solution, so that nobody else fetches that library.
using System.Globalization;
using System.Security.Cryptography;
using ParquetSharp;

if (args is not [var folder, var generators, var samples])
{
    Console.Error.WriteLine("Use: dotnet run bench/parquet/ReadParquet.cs -- FOLDER GENERATORS SAMPLES");
    return 2;
}

const int Seed = 42;
var size = int.Parse(samples, CultureInfo.InvariantCulture);
var seen = Enumerable.Range(0, int.Parse(generators, CultureInfo.InvariantCulture))
    .ToDictionary(static number => $"generator-{number:D4}", _ => new bool[size]);
var (rows, tables, faults) = (0L, 0, 0L);
foreach (var path in Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    tables++;
    using var file = new ParquetFileReader(path);
    var columns = Enumerable.Range(0, file.FileMetaData.Schema.NumColumns)
        .ToDictionary(number => file.FileMetaData.Schema.Column(number).Name);
    for (var number = 0; number < file.FileMetaData.NumRowGroups; number++)
    {
        using var group = file.RowGroup(number);
        var count = checked((int)group.MetaData.NumRows);
        T[] Column<T>(string name)
        {
            using var column = group.Column(columns[name]);
            using var reader = column.LogicalReader<T>();
            return reader.ReadAll(count);
        }

        var (names, indices, seeds) = (Column<string>("generator"), Column<long>("index"), Column<long>("seed"));
        var fingerprints = Column<string>("fingerprint");
        // All of the others are decoded too.
        foreach (var (name, position) in columns.Where(static each => each.Key is not ("index" or "seed" or "bytes")))
            if (Column<string>(name).Length != count) faults++;
        for (var row = 0; row < count; row++)
        {
            rows++;
            var isRight = seen.TryGetValue(names[row], out var ofGenerator) && indices[row] is >= 0 and var index && index < size
                && !ofGenerator[index] && seeds[row] == Seed + index
                && fingerprints[row] == Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{names[row]} {index}")));
            if (isRight) ofGenerator![indices[row]] = true;
            else if (faults++ < 20) Console.WriteLine($"WRONG: {path}: {names[row]} {indices[row]}");
        }
    }
}

var missing = seen.Values.Sum(static each => each.Count(static there => !there));
Console.WriteLine(FormattableString.Invariant($"read back: {rows:N0} rows of {tables} Parquet tables; {faults} faults, {missing} indices missing"));
return faults == 0 && missing == 0 ? 0 : 1;
