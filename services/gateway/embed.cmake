# A file as an array of bytes: cmake -DIN=FILE -DOUT=FILE.c -P embed.cmake
file(READ ${IN} bytes HEX)
string(LENGTH "${bytes}" size)
math(EXPR size "${size} / 2")
string(REGEX REPLACE "(................................................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "extern const unsigned char openapi_document[];\nextern const unsigned openapi_document_size;\nconst unsigned char openapi_document[] = {\n${bytes}};\nconst unsigned openapi_document_size = ${size};\n")
