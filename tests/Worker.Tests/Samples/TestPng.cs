using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDataset.Worker.Tests.Samples;

/// <summary>Writes small PNGs of every kind, right or wrong in one place.</summary>
internal static class TestPng
{
    public const byte Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    public static byte[] Make(int width, int height, byte colour = Rgb, byte depth = 8, bool interlaced = false, int? rows = null, byte filter = 1)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, colour, (byte)(interlaced ? 1 : 0));
        var bits = depth * colour switch { Rgb => 3, GreyAlpha => 2, Rgba => 4, _ => 1 };

        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var (passWidth, passHeight) in interlaced ? Adam7(width, height) : [(width, rows ?? height)])
            {
                for (var row = 0; row < passHeight; row++)
                {
                    zlib.WriteByte(filter);
                    zlib.Write(new byte[((passWidth * bits) + 7) / 8]);
                }
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(png, "IHDR"u8, header);
        if (colour == Palette) Chunk(png, "PLTE"u8, new byte[48]);
        // Two chunks of image data, since a decoder has to join them.
        var data = pixels.ToArray();
        Chunk(png, "IDAT"u8, data.AsSpan(0, data.Length / 2));
        Chunk(png, "IDAT"u8, data.AsSpan(data.Length / 2));
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static IEnumerable<(int Width, int Height)> Adam7(int width, int height)
    {
        (int X, int Y, int StepX, int StepY)[] passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        return from pass in passes
               let w = Enumerable.Range(0, width).Count(x => x >= pass.X && (x - pass.X) % pass.StepX == 0)
               let h = Enumerable.Range(0, height).Count(y => y >= pass.Y && (y - pass.Y) % pass.StepY == 0)
               where w > 0 && h > 0
               select (w, h);
    }

    private static void Chunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        byte[] typed = [.. type, .. content];
        png.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(typed));
        png.Write(number);
    }

    // Bit by bit, as the PNG specification defines it; the code under test uses a table.
    private static uint Crc(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
        }

        return crc ^ 0xFFFFFFFFu;
    }
}
