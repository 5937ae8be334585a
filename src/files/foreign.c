/* SPDX-License-Identifier: MIT */
/* foreign.c: the signatures by which widespread formats of pictures, arrays and archives begin. */
#include "files/foreign.h"

#include <string.h>

struct signature {
    const char *name;
    size_t offset, length;
    const char *bytes;
};

#define AT(offset, bytes, name)                                                                    \
    {                                                                                              \
        name, offset, sizeof bytes - 1, bytes                                                      \
    }

/* Those at the same offset that begin alike: the longer one first. */
static const struct signature signatures[] = {
    AT(0, "\xff\xd8\xff", "a JPEG file"),
    AT(0, "GIF87a", "a GIF file"),
    AT(0, "GIF89a", "a GIF file"),
    AT(0, "II*\0", "a TIFF file"),
    AT(0, "MM\0*", "a TIFF file"),
    AT(0, "II+\0", "a BigTIFF file"),
    AT(0, "MM\0+", "a BigTIFF file"),
    AT(8, "WEBP", "a WebP file"),
    AT(4, "ftypavif", "an AVIF file"),
    AT(4, "ftypheic", "a HEIF file"),
    AT(4, "ftypheix", "a HEIF file"),
    AT(4, "ftypmif1", "a HEIF file"),
    AT(4, "ftyp", "an MP4 file"),
    AT(0, "\xff\x0a", "a JPEG XL file"),
    AT(0, "\0\0\0\x0cJXL \r\n", "a JPEG XL file"),
    AT(0, "\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    AT(0, "\x76\x2f\x31\x01", "an OpenEXR file"),
    AT(0, "#?RADIANCE", "a Radiance HDR file"),
    AT(0, "8BPS", "a Photoshop file"),
    AT(0, "gimp xcf", "a GIMP file"),
    AT(0, "qoif", "a QOI file"),
    AT(0, "farbfeld", "a farbfeld file"),
    AT(0, "SIMPLE  =", "a FITS file"),
    AT(0, "PF\n", "a PFM file"),
    AT(0, "Pf\n", "a PFM file"),
    AT(0, "BM", "a BMP file"),
    AT(0, "<svg", "an SVG file"),
    AT(0, "<?xml", "an XML file"),
    AT(0, "%PDF-", "a PDF file"),
    AT(0, "\x89HDF\r\n", "an HDF5 file"),
    AT(0, "CDF\x01", "a netCDF file"),
    AT(0, "CDF\x02", "a netCDF file"),
    AT(0, "PK\x03\x04", "a ZIP archive (as .npz files are)"),
    AT(0, "\x1f\x8b", "a gzip file"),
    AT(0,
       "\xfd"
       "7zXZ\0",
       "an xz file"),
    AT(0, "\x28\xb5\x2f\xfd", "a zstd file"),
    AT(0, "\x8aMNG", "an MNG file"),
    AT(0, "\x8bJNG", "a JNG file"),
};

const char *dpk_foreign_name(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct signature *signature = &signatures[i];
        if (size >= signature->offset + signature->length &&
            memcmp(head + signature->offset, signature->bytes, signature->length) == 0)
            return signature->name;
    }
    return NULL;
}
