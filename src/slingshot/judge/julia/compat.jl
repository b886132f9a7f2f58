# What newer Julia has, for older
