# A limit on the size of files: exit code 4, no signal, and the old output stays whole. (LLVM's
# OpenMP runtime does not start where no file may hold anything, so that is left to processes.)
cp data/coast.png out.png
try '(ulimit -f 0; dpk blur data/coast.png out.png --backend=fork)'
try '(ulimit -f 100; dpk blur data/coast.png out.png)'
try '(ulimit -f 100; dpk blur data/coast.png out.ppm -j3 --backend=omp)'
try '(ulimit -f 100; dpk blur data/coast.png out.ppm -j3 --backend=fork)'
try '(ulimit -f 0; dpk sort data/samples.npy new.npy --backend=seq)'
cmp data/coast.png out.png
ls -A
